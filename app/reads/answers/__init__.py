"""What the screens answer with: response models, each field described. What is asked is in the doors."""
