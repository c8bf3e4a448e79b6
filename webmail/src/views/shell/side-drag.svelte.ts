/** What is dragged onto a line of the side bar: messages of the list, or a folder of the side bar itself. */
import { dragType } from '../list/row-gestures.js';

export const folderType = 'application/x-vaguemestre-folder';

let dragged = $state<string>();

export const folderDrag = {
  /** The folder that is dragged. The browser tells its data only where it falls, so it is kept here. */
  get id(): string | undefined {
    return dragged;
  },
  begin(event: DragEvent, id: string): void {
    if (event.dataTransfer === null) return;
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData(folderType, id);
    dragged = id;
  },
  end(): void {
    dragged = undefined;
  },
};

export interface DropPlace {
  /** Messages fall here. */
  readonly onmessages?: (() => void) | undefined;
  /** A folder falls here, where `takes` says so. */
  readonly onfolder?: ((id: string) => void) | undefined;
  readonly takes?: ((id: string) => boolean) | undefined;
  readonly over: (is: boolean) => void;
}

/** What a drag over the place would do: undefined when nothing. */
function falls(event: DragEvent, place: DropPlace): (() => void) | undefined {
  if (event.dataTransfer?.types.includes(dragType)) return place.onmessages;
  const { onfolder } = place;
  if (dragged === undefined || onfolder === undefined || place.takes?.(dragged) === false) return undefined;
  const id = dragged;
  return () => onfolder(id);
}

/** An attachment: it watches what is dragged over the element. */
export function dropPlace(place: () => DropPlace): (node: HTMLElement) => () => void {
  return (node) => {
    const ondragover = (event: DragEvent): void => {
      if (falls(event, place()) === undefined || event.dataTransfer === null) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'move';
      place().over(true);
    };
    const ondragleave = (): void => place().over(false);
    const ondrop = (event: DragEvent): void => {
      place().over(false);
      const fall = falls(event, place());
      if (fall === undefined) return;
      event.preventDefault();
      fall();
    };
    node.addEventListener('dragover', ondragover);
    node.addEventListener('dragleave', ondragleave);
    node.addEventListener('drop', ondrop);
    return () => {
      node.removeEventListener('dragover', ondragover);
      node.removeEventListener('dragleave', ondragleave);
      node.removeEventListener('drop', ondrop);
    };
  };
}
