// Writes a graph as an ONNX model. Message and field numbers are those of onnx.proto3
// (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3), named at each use.
import { ONNX_DATA_TYPE, type ElementArray, type ElementType } from './elementType.ts';
import { ProtobufMessage } from './protobuf.ts';
import type { Shape } from './shape.ts';
import { PrmError } from '../support/errors.ts';

/** The bytes of an ONNX ModelProto. */
export type ModelBytes = Uint8Array;

/** Where a tensor lies in a file beside the model, instead of inside it. */
export interface ExternalData {
  /** File name, relative to the model's folder. */
  location: string;
  /** Bytes from the start of the file. */
  offset: number;
  /** Bytes. */
  length: number;
}

/** Attribute values by kind: ONNX keeps 1 and 1.0 apart, JavaScript does not. */
export type Attribute = { integer: number } | { float: number } | { integers: readonly number[] };

interface OnnxNode {
  readonly type: string;
  /** '' is the ONNX standard; `com.microsoft` holds ONNX Runtime's own operators. */
  readonly domain: string;
  /** Names of values; '' leaves an optional input out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
}

/** An input or output: a name instead of a size says that any size will do, the same one wherever the name stands. */
interface OnnxPort {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
}

interface OnnxInitializer extends OnnxValue {
  readonly data: ElementArray | ExternalData;
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
}

const IR_VERSION = 10;
/** Operator sets: the standard's number fixes what `Softmax` and its like mean. */
const OPERATOR_SETS = { '': 21, 'com.microsoft': 1 };

/** Protocol buffers end here, and ONNX Runtime reads no longer ones. Weights in files do not count. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * Encodes a graph as a model that ONNX Runtime loads.
 * @throws PrmError where the tensors inside it are too many bytes
 */
export function encodeModel(graph: OnnxGraph): ModelBytes {
  const model = new ProtobufMessage()
    .integer(1, IR_VERSION) // ModelProto.ir_version
    .string(2, 'prm-workbench') // ModelProto.producer_name
    .message(7, encodeGraph(graph)); // ModelProto.graph
  for (const [domain, version] of Object.entries(OPERATOR_SETS)) {
    // ModelProto.opset_import: OperatorSetIdProto.domain = 1, .version = 2
    model.message(8, new ProtobufMessage().string(1, domain).integer(2, version));
  }
  if (model.byteLength > MOST_BYTES) {
    throw new PrmError({
      what: `The weights that are held in memory take ${(model.byteLength / 2 ** 30).toFixed(2)} GiB, and a model has room for 2 GiB of them`,
      remedy:
        'Use a smaller model; or, where its files are float64 or lie on several drives, save it as float32, float16 or bfloat16 into one folder: such weights stay in their files.',
    });
  }
  return model.toBytes();
}

function encodeGraph(graph: OnnxGraph): ProtobufMessage {
  const message = new ProtobufMessage();
  for (const node of graph.nodes) message.message(1, encodeNode(node)); // GraphProto.node
  message.string(2, 'graph'); // GraphProto.name
  for (const tensor of graph.initializers) message.message(5, encodeTensor(tensor)); // GraphProto.initializer
  for (const value of graph.inputs) message.message(11, encodeValueInfo(value)); // GraphProto.input
  for (const value of graph.outputs) message.message(12, encodeValueInfo(value)); // GraphProto.output
  return message;
}

function encodeNode(node: OnnxNode): ProtobufMessage {
  const message = new ProtobufMessage();
  for (const input of node.inputs) message.string(1, input); // NodeProto.input
  for (const output of node.outputs) message.string(2, output); // NodeProto.output
  message.string(3, node.outputs[0] ?? ''); // NodeProto.name: profiles and error messages show it
  message.string(4, node.type); // NodeProto.op_type
  for (const [name, value] of Object.entries(node.attributes)) {
    message.message(5, encodeAttribute(name, value)); // NodeProto.attribute
  }
  return message.string(7, node.domain); // NodeProto.domain
}

function encodeAttribute(name: string, value: Attribute): ProtobufMessage {
  const message = new ProtobufMessage().string(1, name); // AttributeProto.name
  // The value's field, then AttributeProto.type (20): FLOAT = 1, INT = 2, INTS = 7.
  if ('float' in value) return message.float(2, value.float).integer(20, 1);
  if ('integer' in value) return message.integer(3, value.integer).integer(20, 2);
  for (const integer of value.integers) message.integer(8, integer);
  return message.integer(20, 7);
}

function encodeTensor({ name, type, shape, data }: OnnxInitializer): ProtobufMessage {
  const message = new ProtobufMessage();
  for (const dimension of shape) message.integer(1, dimension); // TensorProto.dims
  message.integer(2, ONNX_DATA_TYPE[type]); // TensorProto.data_type
  message.string(8, name); // TensorProto.name
  if (ArrayBuffer.isView(data)) {
    // TensorProto.raw_data: little-endian, as every machine that ONNX Runtime is built for
    return message.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  for (const [key, value] of Object.entries(data)) {
    // TensorProto.external_data: StringStringEntryProto.key = 1, .value = 2
    message.message(13, new ProtobufMessage().string(1, key).string(2, String(value)));
  }
  return message.integer(14, 1); // TensorProto.data_location: EXTERNAL
}

function encodeValueInfo({ name, type, shape }: OnnxPort): ProtobufMessage {
  const dimensions = new ProtobufMessage();
  for (const dimension of shape) {
    // TensorShapeProto.dim = 1, its Dimension.dim_value = 1 or .dim_param = 2
    const size = new ProtobufMessage();
    dimensions.message(
      1,
      typeof dimension === 'string' ? size.string(2, dimension) : size.integer(1, dimension),
    );
  }
  // TypeProto.Tensor: elem_type = 1, shape = 2
  const tensor = new ProtobufMessage().integer(1, ONNX_DATA_TYPE[type]).message(2, dimensions);
  return new ProtobufMessage()
    .string(1, name) // ValueInfoProto.name
    .message(2, new ProtobufMessage().message(1, tensor)); // ValueInfoProto.type: TypeProto.tensor_type = 1
}
