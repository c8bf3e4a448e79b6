/** Which sheet lies over the page; one at a time. */
export type DialogName =
  | 'move'
  | 'label'
  | 'destroy'
  | 'emptyTrash'
  | 'palette'
  | 'shortcuts'
  | 'newFolder'
  | 'newLabel'
  | 'settings';

let open = $state<DialogName>();
let about = $state<string>();

export const dialogs = {
  get open(): DialogName | undefined {
    return open;
  },
  /** What it is about, for those that are about something: a parent folder's id. */
  get about(): string | undefined {
    return about;
  },
  ask(name: DialogName, subject?: string): void {
    open = name;
    about = subject;
  },
  close(): void {
    open = undefined;
    about = undefined;
  },
};
