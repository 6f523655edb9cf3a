"""`python -m app` is `promotion-scoring`."""

from app.cli import main

if __name__ == "__main__":
    main()
