// The product's version, as its manifest says.
export { version as PRODUCT_VERSION } from '../../../package.json';
