/** The version that pages, `status` and the API show. */
export const version = '0.1.0';
