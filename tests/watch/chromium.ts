/**
 * A real browser, where the machine has one.
 *
 * @module
 */
import { existsSync } from "node:fs";

/** The part of a page's remote control that tests use. */
export interface Page {
  readonly goto: (address: string) => Promise<unknown>;
  readonly close: () => Promise<void>;
  readonly setViewport: (size: { readonly width: number; readonly height: number }) => Promise<void>;
  readonly setDefaultTimeout: (milliseconds: number) => void;
  readonly on: (event: string, listener: (what: Told) => void) => void;
  /** Runs a function in the page, which sees nothing of here but its arguments. */
  readonly evaluate: <A, B extends ReadonlyArray<unknown>>(run: (...args: B) => A, ...args: B) => Promise<Awaited<A>>;
  readonly waitForFunction: <B extends ReadonlyArray<unknown>>(
    run: (...args: B) => boolean,
    options: { readonly polling?: number },
    ...args: B
  ) => Promise<unknown>;
  readonly waitForSelector: (selector: string) => Promise<unknown>;
  readonly select: (selector: string, value: string) => Promise<unknown>;
  readonly keyboard: { readonly press: (key: string) => Promise<void> };
}

/** What events of a page tell. */
interface Told {
  readonly type: () => string;
  readonly text: () => string;
  readonly url: () => string;
  readonly failure: () => { readonly errorText: string } | null;
}

/** A browser. */
export interface Browser {
  readonly newPage: () => Promise<Page>;
  readonly close: () => Promise<void>;
}

const paths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where the browser is; null: there is none, and tests say so. */
export const chromium: string | null = paths.find((path) => existsSync(path)) ?? null;

if (chromium === null) {
  console.log("No Chromium was found: pages are not tested in a browser (apt-get install chromium)");
}

/** What a page did that it should not. */
export interface Watched {
  readonly page: Page;
  /** Errors and warnings of its console, exceptions, requests that failed. */
  readonly complaints: string[];
  /** Every address that it asked. */
  readonly asked: string[];
}

/** () ⇒ (browser) without a window. */
export const launch = async (): Promise<Browser> => {
  const name: string = "puppeteer-core"; // its types bring another version of Node.js's, which would count everywhere
  const { default: puppeteer } = await import(name);
  return await puppeteer.launch({
    executablePath: chromium!,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
    protocolTimeout: 600_000,
    timeout: 120_000,
  });
};

/** (browser, address) ⇒ (page) that is there, with what it complains about. */
export const openPage = async (browser: Browser, address: string): Promise<Watched> => {
  const page = await browser.newPage(), complaints: string[] = [], asked: string[] = [];
  page.setDefaultTimeout(180_000);
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warn") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => asked.push(request.url()));
  page.on("requestfailed", (request) => {
    if (!request.url().endsWith("/events")) complaints.push(`${request.url()} ${request.failure()?.errorText}`);
  });
  await page.setViewport({ width: 1280, height: 900 });
  await page.goto(address);
  return { page, complaints, asked };
};
