import type { InventoryRequest } from '../../shared/aws/keep/inventory-request.ts';

/**
 * What a sweep asks the inventory for. `droppedAt`: when the index was dropped, after which all looks of the sweep are made. Only a sweep
 * that could list everything (`isWhole`) looks at all that hang on somebody.
 */
export const inventoryWish = (account: string, droppedAt: number, isWhole: boolean): InventoryRequest => ({
  account,
  notBefore: droppedAt,
  ...(isWhole && { sweptFrom: droppedAt }),
});
