"""The chat page, run by Streamlit, a client of the HTTP interface."""
