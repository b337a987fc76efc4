// How VS Code shows questions that are asked in turn: title and step number, a button that leads back, Escape that gives up.
import * as vscode from 'vscode';
import { BACK, type Asker, type Option, type Place, type Reply, type TextQuestion } from './questions.ts';

/** @param title of the command */
export function quickAsker(title: string): (place: Place) => Asker {
  return (place) => new QuickAsker(title, place);
}

class QuickAsker implements Asker {
  readonly #title: string;
  readonly #place: Place;

  constructor(title: string, place: Place) {
    this.#title = title;
    this.#place = place;
  }

  get deeper(): Asker {
    return new QuickAsker(this.#title, { ...this.#place, canGoBack: true });
  }

  choose<Value>(placeHolder: string, options: readonly Option<Value>[]): Promise<Reply<Value>> {
    const input = vscode.window.createQuickPick<Item<Value>>();
    input.placeholder = placeHolder;
    input.matchOnDescription = true;
    input.matchOnDetail = true;
    input.items = options.flatMap(itemsOf);
    return this.#shown(input, (resolve) => {
      input.onDidAccept(() => {
        const option = input.selectedItems[0]?.option;
        if (option !== undefined) resolve({ value: option.value });
      });
    });
  }

  ask({ prompt, value = '', placeHolder, check, password = false }: TextQuestion): Promise<Reply<string>> {
    const input = vscode.window.createInputBox();
    input.prompt = prompt;
    input.value = value;
    input.placeholder = placeHolder;
    input.password = password;
    const complain = (): string | undefined => check?.(input.value.trim());
    return this.#shown(input, (resolve) => {
      input.onDidChangeValue(() => (input.validationMessage = complain()));
      input.onDidAccept(() => {
        input.validationMessage = complain();
        if (input.validationMessage === undefined) resolve({ value: input.value.trim() });
      });
    });
  }

  wait<Value>(message: string, work: (signal: AbortSignal) => Promise<Value>): Promise<Reply<Value>> {
    const input = vscode.window.createQuickPick();
    input.busy = true;
    input.items = [{ label: message, alwaysShow: true }];
    const stopped = new AbortController();
    const shown = this.#shown<Value>(input, (resolve, reject) => {
      work(stopped.signal).then((value) => resolve({ value }), reject);
    });
    return shown.finally(() => stopped.abort());
  }

  /** Shows an input until it is answered, left by its back button, or hidden. */
  #shown<Value>(
    input: vscode.QuickInput & { buttons: readonly vscode.QuickInputButton[] } & InputEvents,
    listen: (resolve: (reply: Reply<Value>) => void, reject: (error: unknown) => void) => void,
  ): Promise<Reply<Value>> {
    const { step, of, canGoBack } = this.#place;
    input.title = this.#title;
    input.step = step;
    input.totalSteps = of;
    // A look elsewhere, for a name or a key, does not throw the answers away.
    input.ignoreFocusOut = true;
    if (canGoBack) input.buttons = [vscode.QuickInputButtons.Back];
    return new Promise<Reply<Value>>((resolve, reject) => {
      input.onDidTriggerButton(() => resolve(BACK));
      input.onDidHide(() => resolve(undefined));
      listen(resolve, reject);
      input.show();
    }).finally(() => input.dispose());
  }
}

interface InputEvents {
  readonly onDidTriggerButton: vscode.Event<vscode.QuickInputButton>;
}

interface Item<Value> extends vscode.QuickPickItem {
  /** Missing in the line that heads a group. */
  option?: Option<Value>;
}

function itemsOf<Value>(option: Option<Value>): Item<Value>[] {
  const { label, description, detail, group } = option;
  const item: Item<Value> = {
    label,
    ...(description === undefined ? {} : { description }),
    ...(detail === undefined ? {} : { detail }),
    option,
  };
  if (group === undefined) return [item];
  return [{ label: group, kind: vscode.QuickPickItemKind.Separator }, item];
}
