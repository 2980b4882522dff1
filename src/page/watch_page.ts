/**
 * The page of `watch`, before its script fills it.
 *
 * @module
 */
import { chartStyle } from "./generated/chart_style.ts";
import { pageStyle } from "./style.ts";

/** CSS of it. */
export const watchStyle: string = chartStyle + pageStyle;

/** HTML of it. */
export const watchHtml = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>mscv</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="style.css">
</head>
<body>
<noscript>This page needs JavaScript.</noscript>
<script src="watch.js" defer></script>
</body>
</html>
`;
