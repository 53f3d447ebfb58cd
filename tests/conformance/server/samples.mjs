// The smallest files of their kinds.

export const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";

/** A WAV file without a single sample. */
export const WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

export const image = { type: "image", data: PNG, mimeType: "image/png" };
export const text = (text) => ({ type: "text", text });
export const said = (words) => ({ content: [text(words)] });
