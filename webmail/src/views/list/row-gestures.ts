/**
 * What hands do to rows beside a click: dragged by a mouse to a folder or a label, swiped by a finger to the right (archive)
 * or to the left (the row's menu), held by it (chosen), the right button (the menu). Each has a command that does the same (WCAG
 * 2.2, 2.5.7).
 */
import { t } from '../../i18n/text.svelte.js';
import { runCommand } from '../../keys/commands.js';
import { dialogs } from '../../state/dialogs.svelte.js';
import { list } from '../../state/list.svelte.js';

export const dragType = 'application/x-vaguemestre-rows';

const swipeBegins = 14;
const swipeActs = 88;
const heldMs = 450;
const clickMs = 350;

export function rowGestures(idOf: (event: Event) => string | undefined): (node: HTMLElement) => () => void {
  return (node) => {
    let swipe: { id: string; row: HTMLElement; x: number; y: number; moved: boolean } | undefined;
    let swallow = false;
    let holding: ReturnType<typeof setTimeout> | undefined;

    function onDragStart(event: DragEvent): void {
      const id = idOf(event);
      if (id === undefined || event.dataTransfer === null) return;
      if (!list.isChosen(id)) {
        list.clear();
        list.toggle(id);
      }
      event.dataTransfer.effectAllowed = 'move';
      event.dataTransfer.setData(dragType, id);
      const ghost = document.createElement('div');
      ghost.className = 'drag-ghost';
      ghost.textContent = t.text.dragged(list.chosenCount);
      document.body.append(ghost);
      event.dataTransfer.setDragImage(ghost, 20, 20);
      setTimeout(() => ghost.remove());
      document.documentElement.dataset['dragging'] = '';
    }

    function onDragEnd(): void {
      delete document.documentElement.dataset['dragging'];
      if (list.chosen.size === 1) list.clear();
    }

    function onPointerDown(event: PointerEvent): void {
      const id = idOf(event);
      const row = (event.target as Element).closest<HTMLElement>('[data-index]');
      swallow = false;
      if (event.pointerType !== 'touch' || id === undefined || row === null) return;
      swipe = { id, row, x: event.clientX, y: event.clientY, moved: false };
      holding = setTimeout(() => {
        stop();
        list.toggle(id);
        navigator.vibrate?.(10);
        // The finger is still down: what comes when it goes up is no click.
        swallow = true;
      }, heldMs);
    }

    function onPointerMove(event: PointerEvent): void {
      if (swipe === undefined) return;
      const x = event.clientX - swipe.x;
      if (!swipe.moved) {
        if (Math.abs(event.clientY - swipe.y) > swipeBegins) {
          stop();
          return;
        }
        if (Math.abs(x) < swipeBegins) return;
        clearTimeout(holding);
        swipe.moved = true;
        node.setPointerCapture(event.pointerId);
      }
      const body = swipe.row.firstElementChild as HTMLElement;
      body.style.transform = `translateX(${x}px)`;
      swipe.row.dataset['swipe'] = x > 0 ? t.text.commands.archive : t.text.more;
      swipe.row.classList.toggle('swiped-left', x < 0);
      swipe.row.classList.toggle('swipe-acts', Math.abs(x) > swipeActs);
    }

    function onPointerUp(event: PointerEvent): void {
      if (swallow) letGo();
      if (swipe === undefined) return;
      const { id, moved } = swipe;
      const x = event.clientX - swipe.x;
      stop();
      if (!moved) return;
      swallow = true;
      letGo();
      if (Math.abs(x) <= swipeActs) return;
      list.clear();
      list.toggle(id);
      if (x > 0) runCommand('mail.archive');
      else dialogs.ask('rowMenu');
    }

    /** The click of a finger comes a while after it went up. */
    function letGo(): void {
      setTimeout(() => {
        swallow = false;
      }, clickMs);
    }

    function onContextMenu(event: MouseEvent): void {
      const id = idOf(event);
      if (id === undefined) return;
      event.preventDefault();
      // A finger that is held chooses; browsers tell that as a right button too.
      if ((event as PointerEvent).pointerType === 'touch') return;
      if (!list.isChosen(id)) {
        list.clear();
        list.toggle(id);
      }
      dialogs.ask('rowMenu', `${event.clientX} ${event.clientY}`);
    }

    function stop(): void {
      clearTimeout(holding);
      if (swipe === undefined) return;
      (swipe.row.firstElementChild as HTMLElement | null)?.style.removeProperty('transform');
      delete swipe.row.dataset['swipe'];
      swipe.row.classList.remove('swiped-left', 'swipe-acts');
      swipe = undefined;
    }

    /** The click that ends a swipe is not one. */
    function onClick(event: MouseEvent): void {
      if (!swallow) return;
      swallow = false;
      event.stopPropagation();
      event.preventDefault();
    }

    const listeners = [
      ['dragstart', onDragStart],
      ['dragend', onDragEnd],
      ['pointerdown', onPointerDown],
      ['pointermove', onPointerMove],
      ['pointerup', onPointerUp],
      ['pointercancel', stop],
      ['contextmenu', onContextMenu],
    ] as const;
    for (const [name, listener] of listeners) node.addEventListener(name, listener as EventListener);
    node.addEventListener('click', onClick, { capture: true });
    return () => {
      clearTimeout(holding);
      for (const [name, listener] of listeners) node.removeEventListener(name, listener as EventListener);
      node.removeEventListener('click', onClick, { capture: true });
    };
  };
}
