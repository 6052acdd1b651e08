"""What is right: pure functions over values. Time and chance are arguments."""
