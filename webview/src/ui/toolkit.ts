// The only file that knows the component toolkit (its upstream is archived): registers what the pages use.
import {
  provideVSCodeDesignSystem,
  vsCodeBadge,
  vsCodeButton,
  vsCodeProgressRing,
} from '@vscode/webview-ui-toolkit';

/** Defines `<vscode-button>`, `<vscode-badge>` and `<vscode-progress-ring>`. Call it before the window's `load` event. */
export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeBadge(), vsCodeProgressRing());
}
