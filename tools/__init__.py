"""What exercises the product and is never part of it."""
