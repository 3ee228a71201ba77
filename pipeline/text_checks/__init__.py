"""What keeps bad and telling captions out: checks on text, before anything is drawn."""
