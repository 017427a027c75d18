package io.embeddingoperator.runner.source.files;

import java.util.AbstractList;
import java.util.BitSet;
import java.util.List;
import java.util.RandomAccess;
import java.util.stream.Stream;

/** Everything that a plan shares out, in the order in which it was listed. */
final class SplitCandidates extends AbstractList<SplitCandidate> implements RandomAccess {
    private final List<Piece> pieces;
    private final BitSet divisible;

    private SplitCandidates(List<Piece> pieces, BitSet divisible) {
        this.pieces = pieces;
        this.divisible = divisible;
    }

    /** Holds what comes in the memory of a {@link PieceList}. */
    static SplitCandidates collect(Stream<SplitCandidate> units) {
        PieceList.Builder pieces = new PieceList.Builder();
        BitSet divisible = new BitSet();
        int[] size = {0};
        units.forEachOrdered(unit -> {
            pieces.add(unit.piece());
            divisible.set(size[0]++, unit.divisible());
        });
        return new SplitCandidates(pieces.build(), divisible);
    }

    @Override
    public SplitCandidate get(int index) {
        return new SplitCandidate(pieces.get(index), divisible.get(index));
    }

    @Override
    public int size() {
        return pieces.size();
    }
}
