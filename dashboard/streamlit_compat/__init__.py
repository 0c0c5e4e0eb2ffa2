"""What works around Streamlit, each with its reason."""
