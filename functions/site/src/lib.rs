//! Server-rendered pages, CSS and a little JavaScript.
