// The page's line to the extension: typed messages both ways.

interface VsCodeApi<State> {
  postMessage(message: unknown): void;
  getState(): State | undefined;
  setState(state: State): void;
}

declare function acquireVsCodeApi<State>(): VsCodeApi<State>;

export interface Host<FromPage, State> {
  post(message: FromPage): void;
  /** What the page kept before it was hidden or reloaded. */
  readonly state: State | undefined;
  keep(state: State): void;
}

/** Can be called once a page: VS Code hands its API out a single time. */
export function connectHost<ToPage, FromPage, State>(
  receive: (message: ToPage) => void,
): Host<FromPage, State> {
  const api = acquireVsCodeApi<State>();
  window.addEventListener('message', (event: MessageEvent<ToPage>) => {
    receive(event.data);
  });
  return {
    post: (message) => {
      api.postMessage(message);
    },
    get state() {
      return api.getState();
    },
    keep: (state) => {
      api.setState(state);
    },
  };
}
