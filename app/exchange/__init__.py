"""Files in and out: sheets and boundary files read and written. It knows no subject; flows give it meaning."""
