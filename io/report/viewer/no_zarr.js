// Stands in for zarrita, with which NiiVue reads Zarr arrays from servers: more than half of its code, and the report
// holds NIfTI images only.
const none = () => {
  throw new Error('this viewer reads no Zarr arrays')
}
export const FetchStore = none
export const get = none
export const open = none
export const root = none
