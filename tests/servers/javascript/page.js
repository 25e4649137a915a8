// Chromium: the status page, with scripts switched off as with none needed, in light and dark, on a screen and on a phone.

import { chromium } from "playwright-core";

import { check } from "./checks.js";

const { PAGE, TOKEN, SHOTS, CHROMIUM } = process.env;
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-dev-shm-usage"] });

const complaints = [];
const elsewhere = [];
const open = async (options) => {
  const context = await browser.newContext({ javaScriptEnabled: false, ...options });
  const page = await context.newPage();
  page.on("console", (message) => {
    // Advice for forms with a user's name beside the password; here the token is all there is.
    if (message.text().includes("Password forms should have")) return;
    complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on("request", (request) => request.url().startsWith(PAGE) || elsewhere.push(request.url()));
  return page;
};
const shoot = (page, name) => page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: false });
const signIn = async (page, path) => {
  await page.goto(`${PAGE}${path}`);
  await page.getByLabel("Token").fill(TOKEN);
  await page.getByRole("button", { name: "Sign in" }).click();
};

const page = await open({ viewport: { width: 1280, height: 900 }, colorScheme: "light" });
await page.goto(`${PAGE}/`);
check("nobody sees a customer before signing in", !(await page.content()).includes("Contoso"));
await shoot(page, "sign-in");
await page.getByLabel("Token").fill("not-the-token-0123456789");
await page.getByRole("button", { name: "Sign in" }).click();
check("a wrong token is said to be wrong", await page.getByText("That was not the token.").isVisible());
await signIn(page, "/?show=held");
check("after signing in one is where one wanted to be", page.url() === `${PAGE}/?show=held`, page.url());
check("and sees the one customer that is held", (await page.locator("tbody tr").count()) === 1);
await page.goto(`${PAGE}/`);
check("a hundred customers at once", (await page.locator("tbody tr").count()) === 100);
check("the worst first", (await page.locator("tbody tr a").first().textContent()) === "Northwind Traders");
await shoot(page, "fleet-light");
await page.getByRole("link", { name: "Next →" }).click();
check("the next page", page.url().includes("page=2") && (await page.getByText("page 2 of 30").isVisible()), page.url());
await page.getByLabel("Customer", { exact: true }).fill("contoso");
await page.getByRole("button", { name: "Show" }).click();
await page.getByRole("link", { name: "Contoso" }).click();
check("a customer's page", await page.getByText("What to do:").isVisible());
check("its grants and their ends", await page.getByText("2030-01-01 12:50Z").isVisible());
check("its operations, without a click", await page.getByText("person-11@fabrikam.example").isVisible());
await shoot(page, "customer-light");
await page.getByRole("button", { name: "Look now" }).click();
check("a look can be asked for", await page.getByRole("status").isVisible(), page.url());

for (const [name, options] of [
  ["dark", { viewport: { width: 1280, height: 900 }, colorScheme: "dark" }],
  ["phone", { viewport: { width: 390, height: 844 }, isMobile: true, deviceScaleFactor: 2 }],
  ["phone-dark", { viewport: { width: 390, height: 844 }, isMobile: true, deviceScaleFactor: 2, colorScheme: "dark" }],
]) {
  const other = await open(options);
  await signIn(other, "/");
  for (const [what, path] of [["fleet", "/"], ["customer", "/customers/Contoso"], ["failed", "/customers/Northwind%20Traders"]]) {
    await other.goto(`${PAGE}${path}`);
    const room = await other.locator("html").boundingBox();
    const widest = Math.max(...(await other.locator("body *:visible").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().right))));
    check(`${what} fits on ${name}`, widest <= room.width + 1, `${widest} of ${room.width}`);
    await shoot(other, `${what}-${name}`);
  }
}

await page.getByRole("button", { name: "Sign out" }).click();
await page.goto(`${PAGE}/customers/Contoso`);
check("signed out is signed out", await page.getByLabel("Token").isVisible());

check("nothing is loaded from elsewhere", elsewhere.length === 0, elsewhere);
const real = complaints.filter((text) => !text.includes("status of 401"));
check("the browser complains about nothing", real.length === 0, real);
await browser.close();
