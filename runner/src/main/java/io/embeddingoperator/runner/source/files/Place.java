package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.source.Position;

/**
 * A place between two records of a shard, written as {@code piece:offset:work}.
 *
 * @param piece index of the piece in the shard
 * @param offset of the next record, in the format's own unit
 * @param work bytes of the piece that count as done; kept because a compressed stream cannot tell it when it is resumed
 */
record Place(int piece, long offset, long work) {
    Position toPosition() {
        return new Position("%d:%d:%d".formatted(piece, offset, work));
    }

    static Place of(Position position) {
        String[] parts = position.value().split(":", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("%s is no position in files: piece:offset:work".formatted(position));
        }
        return new Place(Integer.parseInt(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
    }
}
