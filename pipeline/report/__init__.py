"""What a person looks at: counts, contact sheets, pages."""
