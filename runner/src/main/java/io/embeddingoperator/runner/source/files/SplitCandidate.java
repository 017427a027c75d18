package io.embeddingoperator.runner.source.files;

/**
 * A piece as the format offers it for sharing out.
 *
 * @param divisible whether it may be cut at any byte
 */
record SplitCandidate(Piece piece, boolean divisible) {}
