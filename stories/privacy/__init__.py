"""What is taken out of what people send, how ids of people are hashed, one person's copy and erasure."""
