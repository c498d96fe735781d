"""From question to verified answer: understanding, retrieval, composition, verification."""
