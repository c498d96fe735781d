"""Retrieval: segmentation, embedding, dense and sparse search, their fusion, and the index folder."""
