//! Reaches MCP servers over HTTP, in every transport they speak.
