// A page in headless Chromium, spoken to through its DevTools pipe: no package, no open port.
import { spawn, spawnSync } from 'node:child_process';

const NAMES = ['chromium-headless-shell', 'chromium', 'google-chrome'];

// The first browser that is installed; null where there is none.
export function findBrowser() {
  const named = process.env.NMPERM_BROWSER ? [process.env.NMPERM_BROWSER] : NAMES;
  return named.find((name) => spawnSync(name, ['--version']).status === 0) ?? null;
}

export class Browser {
  #child;
  #answers = new Map();
  #listeners = [];
  #text = '';
  #count = 0;
  #session;
  events = [];

  static async start(program, profileFolder) {
    const browser = new Browser();
    // No sandbox: in containers there is none to be had, and the page is the test's own.
    browser.#child = spawn(program, ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--remote-debugging-pipe',
      `--user-data-dir=${profileFolder}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    browser.#child.stdio[4].on('data', (bytes) => browser.#read(String(bytes)));
    const { targetId } = await browser.#send('Target.createTarget', { url: 'about:blank' });
    browser.#session = (await browser.#send('Target.attachToTarget', { targetId, flatten: true })).sessionId;
    for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await browser.call(`${domain}.enable`);
    return browser;
  }

  // Messages end with a zero byte.
  #read(text) {
    this.#text += text;
    for (let end; (end = this.#text.indexOf('\0')) >= 0;) {
      const message = JSON.parse(this.#text.slice(0, end));
      this.#text = this.#text.slice(end + 1);
      if (message.id) {
        this.#answers.get(message.id)(message);
        this.#answers.delete(message.id);
      } else {
        this.events.push(message);
        this.#listeners = this.#listeners.filter((listener) => !listener(message));
      }
    }
  }

  #send(method, params = {}, sessionId = undefined) {
    return new Promise((resolve, reject) => {
      const id = ++this.#count;
      this.#answers.set(id, (answer) => answer.error ? reject(new Error(`${method}: ${answer.error.message}`)) : resolve(answer.result));
      this.#child.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + '\0');
    });
  }

  call(method, params) { return this.#send(method, params, this.#session); }

  #event(method) {
    return new Promise((resolve) => this.#listeners.push((message) => message.method === method && (resolve(), true)));
  }

  async open(url) {
    const loaded = this.#event('Page.loadEventFired');
    await this.call('Page.navigate', { url });
    await loaded;
  }

  // The value of a function of the page; its arguments go as JSON.
  async evaluate(code, ...values) {
    const expression = `(${code})(${values.map((value) => JSON.stringify(value)).join(', ')})`;
    const answer = await this.call('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    if (answer.exceptionDetails) throw new Error(answer.exceptionDetails.exception?.description ?? answer.exceptionDetails.text);
    return answer.result.value;
  }

  // Waits until it has gone: its helpers still write into the profile.
  async close() {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#send('Browser.close').catch(() => {});
    await gone;
    for (const pipe of this.#child.stdio) pipe?.destroy();
  }
}
