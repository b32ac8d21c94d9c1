"""Files of the office come in: what their columns are, how rows become changes of the directory, and the jobs."""
