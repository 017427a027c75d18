package io.embeddingoperator.runner.embed.onnx;

/**
 * How the rows of a batch are filled.
 *
 * @param padding the token id behind a text
 * @param firstPosition the position of a text's first token, where positions are an input
 */
record RowFilling(int padding, int firstPosition) {}
