package io.embeddingoperator.runner.source.files;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Shares pieces out so that shards have equally many bytes: what cannot be cut goes, largest first, to the shard that
 * has least; then what can be cut fills all shards up to one level. A shard reads its pieces in the order in which they were listed.
 */
final class PieceBalancer {
    /** Of the number that a piece is sorted by: its place in the list below, its bytes above, so that millions are sorted as numbers. */
    private static final int PLACE_BITS = 26;

    private static final long MOST_PLACES = 1L << PLACE_BITS;
    private static final long MOST_BYTES = (1L << Long.SIZE - 1 - PLACE_BITS) - 1;

    private final List<SplitCandidate> units;
    private final List<Share> shares = new ArrayList<>();

    private PieceBalancer(List<SplitCandidate> units, int shards) {
        if (units.size() >= MOST_PLACES) {
            throw new IllegalArgumentException(
                    "%,d pieces: %,d can be shared out".formatted(units.size(), MOST_PLACES));
        }
        this.units = units;
        for (int i = 0; i < shards; i++) {
            shares.add(new Share(i));
        }
    }

    /** At most as many shards as asked for, none of them empty unless there is nothing at all. */
    static List<Pieces> share(List<SplitCandidate> units, int shards) {
        List<Pieces> shared = new PieceBalancer(units, shards).shared();
        return shared.isEmpty() ? List.of(new Pieces(List.of())) : shared;
    }

    private List<Pieces> shared() {
        int[] owners = owners();
        Level level = new Level();
        for (int i = 0; i < owners.length; i++) {
            SplitCandidate unit = units.get(i);
            if (unit.divisible()) {
                level.fill(unit.piece());
            } else {
                shares.get(owners[i]).pieces.join(unit.piece());
            }
        }
        return shares.stream()
                .map(share -> new Pieces(share.pieces.build()))
                .filter(pieces -> !pieces.pieces().isEmpty())
                .toList();
    }

    /** The share of each piece that cannot be cut, which has its bytes from now on. */
    private int[] owners() {
        int[] owners = new int[units.size()];
        PriorityQueue<Share> leastFirst =
                new PriorityQueue<>(Comparator.comparingLong(Share::bytes).thenComparingInt(Share::number));
        leastFirst.addAll(shares);
        for (long next : largestFirst()) {
            int place = (int) (next & MOST_PLACES - 1);
            Share least = leastFirst.remove();
            least.bytes += units.get(place).piece().bytes();
            owners[place] = least.number();
            leastFirst.add(least);
        }
        return owners;
    }

    private long[] largestFirst() {
        long[] order = new long[units.size()];
        int whole = 0;
        for (int i = 0; i < units.size(); i++) {
            SplitCandidate unit = units.get(i);
            if (!unit.divisible()) {
                order[whole++] = MOST_BYTES - Math.min(MOST_BYTES, unit.piece().bytes()) << PLACE_BITS | i;
            }
        }
        long[] sorted = Arrays.copyOf(order, whole);
        Arrays.sort(sorted);
        return sorted;
    }

    /** Fills shares with parts of what can be cut, one after the other, those that have most first. */
    private final class Level {
        private final List<Share> fullestFirst = shares.stream()
                .sorted(Comparator.comparingLong(Share::bytes).reversed())
                .toList();

        private long left = units.stream()
                .filter(SplitCandidate::divisible)
                .mapToLong(unit -> unit.piece().bytes())
                .sum();

        private long held = fullestFirst.stream().mapToLong(Share::bytes).sum();
        private int filled = -1;
        private long room;

        void fill(Piece piece) {
            long from = piece.from();
            while (from < piece.to()) {
                while (room == 0) {
                    openNext();
                }
                long to = Math.min(piece.to(), from + room);
                fullestFirst.get(filled).pieces.join(piece.part(from, to));
                room -= to - from;
                from = to;
            }
        }

        private void openNext() {
            filled++;
            Share share = fullestFirst.get(filled);
            long level = Math.ceilDiv(held + left, fullestFirst.size() - filled);
            held -= share.bytes();
            room = Math.min(left, Math.max(0, level - share.bytes()));
            left -= room;
        }
    }

    /** What one shard has so far. */
    private static final class Share {
        private final int number;
        private final PieceList.Builder pieces = new PieceList.Builder();
        private long bytes;

        Share(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }

        /** Of what cannot be cut. */
        long bytes() {
            return bytes;
        }
    }
}
