package io.embeddingoperator.runner.source.files;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Shares pieces out so that shards have equally many bytes: what cannot be cut goes, largest first, to the shard that
 * has least; then what can be cut fills all shards up to one level.
 */
final class PieceBalancer {
    private static final Comparator<Piece> READING_ORDER =
            Comparator.comparing(Piece::path).thenComparingLong(Piece::from);

    private PieceBalancer() {}

    /** At most as many shards as asked for, none of them empty unless there is nothing at all. */
    static List<Pieces> share(List<SplitCandidate> units, int shards) {
        List<Share> shares = new ArrayList<>();
        for (int i = 0; i < shards; i++) {
            shares.add(new Share(i));
        }
        giveWhole(
                units.stream()
                        .filter(unit -> !unit.divisible())
                        .map(SplitCandidate::piece)
                        .toList(),
                shares);
        giveParts(
                units.stream()
                        .filter(SplitCandidate::divisible)
                        .map(SplitCandidate::piece)
                        .toList(),
                shares);
        List<Pieces> shared = shares.stream()
                .filter(share -> !share.pieces.isEmpty())
                .map(Share::inReadingOrder)
                .toList();
        return shared.isEmpty() ? List.of(new Pieces(List.of())) : shared;
    }

    private static void giveWhole(List<Piece> pieces, List<Share> shares) {
        PriorityQueue<Share> leastFirst =
                new PriorityQueue<>(Comparator.comparingLong(Share::bytes).thenComparingInt(Share::number));
        leastFirst.addAll(shares);
        pieces.stream()
                .sorted(Comparator.comparingLong(Piece::bytes).reversed().thenComparing(READING_ORDER))
                .forEach(piece -> {
                    Share least = leastFirst.remove();
                    least.add(piece);
                    leastFirst.add(least);
                });
    }

    private static void giveParts(List<Piece> pieces, List<Share> shares) {
        long left = pieces.stream().mapToLong(Piece::bytes).sum();
        List<Share> fullestFirst = shares.stream()
                .sorted(Comparator.comparingLong(Share::bytes).reversed())
                .toList();
        long held = fullestFirst.stream().mapToLong(Share::bytes).sum();
        int piece = 0;
        long from = 0;
        for (int i = 0; i < fullestFirst.size(); i++) {
            Share share = fullestFirst.get(i);
            int others = fullestFirst.size() - i;
            long level = Math.ceilDiv(held + left, others);
            held -= share.bytes();
            long room = Math.min(left, Math.max(0, level - share.bytes()));
            left -= room;
            while (room > 0) {
                Piece whole = pieces.get(piece);
                long to = Math.min(whole.to(), from + room);
                if (to > from) {
                    share.add(whole.part(from, to));
                    room -= to - from;
                }
                from = to;
                if (to == whole.to()) {
                    piece++;
                    from = 0;
                }
            }
        }
    }

    /** What one shard has so far. */
    private static final class Share {
        private final int number;
        private final List<Piece> pieces = new ArrayList<>();
        private long bytes;

        Share(int number) {
            this.number = number;
        }

        void add(Piece piece) {
            pieces.add(piece);
            bytes += piece.bytes();
        }

        int number() {
            return number;
        }

        long bytes() {
            return bytes;
        }

        /** Neighbours are joined: a file is opened as seldom as possible. */
        Pieces inReadingOrder() {
            List<Piece> joined = new ArrayList<>();
            for (Piece piece : pieces.stream().sorted(READING_ORDER).toList()) {
                Piece last = joined.isEmpty() ? null : joined.getLast();
                if (last != null && last.path().equals(piece.path()) && last.to() == piece.from()) {
                    joined.set(joined.size() - 1, last.part(last.from(), piece.to()));
                } else {
                    joined.add(piece);
                }
            }
            return new Pieces(joined);
        }
    }
}
