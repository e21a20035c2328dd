/** The prebuilt bundle: the package's own entry needs Node's streams and fails in a browser. */
declare module 'simple-peer/simplepeer.min.js' {
  import SimplePeer from 'simple-peer';
  export default SimplePeer;
}
