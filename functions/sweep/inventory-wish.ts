import type { InventoryRequest } from '../../shared/aws/keep/inventory-request.ts';
import type { Gap } from '../../shared/domain/gap.ts';

/**
 * What a sweep asks the inventory for. `droppedAt`: when the index was dropped, after which all looks of the sweep are made. Only a sweep
 * that could list everything looks at all that hang on somebody.
 */
export const inventoryWish = (
  account: string,
  droppedAt: number,
  { gaps, offRegions = [] }: { gaps: readonly Gap[]; offRegions?: readonly string[] | undefined },
): InventoryRequest => ({
  account,
  notBefore: droppedAt,
  ...(gaps.length === 0 && offRegions.length === 0 && { sweptFrom: droppedAt }),
});
