"""What a script step of the corpus would run; only its upload matters."""

print("scored")
