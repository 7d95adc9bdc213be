"""What is done with calls: marked, copied, exported, compared, followed, sent again."""
