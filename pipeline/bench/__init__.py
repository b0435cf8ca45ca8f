"""What `gabung bench` measures: each bench is a module with a plain typed function `run`. Figures are compared with
something measured in the same run, or with known answers; where their data comes from is told with them."""
