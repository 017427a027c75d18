package io.embeddingoperator.runner.source.files;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.RandomAccess;

/**
 * Pieces in about thirty bytes each, for a plan may have millions. They stand in blocks, which are read one at a time; a block is
 * for {@link PieceBlock} to read and write.
 */
final class PieceList extends AbstractList<Piece> implements RandomAccess {
    private final List<byte[]> blocks;
    private final int size;
    private volatile Opened opened = new Opened(-1, List.of());

    private PieceList(List<byte[]> blocks, int size) {
        this.blocks = blocks;
        this.size = size;
    }

    static PieceList of(List<Piece> pieces) {
        if (pieces instanceof PieceList list) {
            return list;
        }
        Builder builder = new Builder();
        pieces.forEach(builder::add);
        return builder.build();
    }

    /** @param blocks as {@link #blocks} gave them */
    static PieceList ofBlocks(List<byte[]> blocks) {
        int size = blocks.isEmpty()
                ? 0
                : (blocks.size() - 1) * PieceBlock.PIECES
                        + PieceBlock.read(blocks.getLast()).size();
        return new PieceList(List.copyOf(blocks), size);
    }

    List<byte[]> blocks() {
        return blocks;
    }

    @Override
    public Piece get(int index) {
        int block = index / PieceBlock.PIECES;
        Opened last = opened;
        if (last.block != block) {
            last = new Opened(block, PieceBlock.read(blocks.get(block)));
            opened = last;
        }
        return last.pieces.get(index % PieceBlock.PIECES);
    }

    @Override
    public int size() {
        return size;
    }

    /** The block that was read last. */
    private record Opened(int block, List<Piece> pieces) {}

    /** Takes pieces in the order in which they are to be read. */
    static final class Builder {
        private final List<byte[]> full = new ArrayList<>();
        private final List<Piece> open = new ArrayList<>(PieceBlock.PIECES);

        void add(Piece piece) {
            if (open.size() == PieceBlock.PIECES) {
                full.add(PieceBlock.write(open));
                open.clear();
            }
            open.add(piece);
        }

        /** Adds a piece, or makes the one before it longer where it goes on there: a file is opened as seldom as possible. */
        void join(Piece piece) {
            if (!open.isEmpty()
                    && open.getLast().path().equals(piece.path())
                    && open.getLast().to() == piece.from()) {
                open.set(open.size() - 1, open.getLast().part(open.getLast().from(), piece.to()));
            } else {
                add(piece);
            }
        }

        PieceList build() {
            List<byte[]> blocks = new ArrayList<>(full);
            if (!open.isEmpty()) {
                blocks.add(PieceBlock.write(open));
            }
            return new PieceList(blocks, full.size() * PieceBlock.PIECES + open.size());
        }
    }
}
