package io.embeddingoperator.runner.source.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.source.StoredFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PieceBalancerTest {
    @Test
    void cutsOneFileIntoEqualParts() {
        List<Pieces> shares = PieceBalancer.share(List.of(divisible("a", 1000)), 3);

        assertThat(shares)
                .containsExactly(
                        new Pieces(List.of(new Piece("a", 1000, "1", 0, 334))),
                        new Pieces(List.of(new Piece("a", 1000, "1", 334, 667))),
                        new Pieces(List.of(new Piece("a", 1000, "1", 667, 1000))));
    }

    @Test
    void balancesAMillionSmallFilesOfUnevenSize() {
        Random random = new Random(3);
        List<SplitCandidate> units = new ArrayList<>();
        for (int i = 0; i < 1_000_000; i++) {
            units.add(indivisible("f%07d".formatted(i), 1 + (long) (10_000 / (1 + random.nextDouble() * 1000))));
        }

        List<Pieces> shares = PieceBalancer.share(units, 64);

        assertThat(shares).hasSize(64);
        assertThat(largestToMean(shares)).isLessThan(1.001);
        assertThat(shares.stream().mapToLong(share -> share.pieces().size()).sum())
                .isEqualTo(1_000_000);
    }

    @Test
    void noShardIsMuchLargerThanTheOthersWhereSizesFollowZipfsLaw() {
        Random random = new Random(7);
        List<SplitCandidate> units = new ArrayList<>();
        for (int rank = 1; rank <= 100_000; rank++) {
            String path = "f%06d".formatted(random.nextInt(1_000_000));
            long size = 4_000_000_000L / rank;
            // What is compressed cannot be cut: of the largest, only what is smaller than a shard.
            units.add(rank > 20 && random.nextBoolean() ? indivisible(path + ".gz", size) : divisible(path, size));
        }

        for (int shards : new int[] {2, 8, 64, 200}) {
            assertThat(largestToMean(PieceBalancer.share(units, shards)))
                    .as("of %d shards", shards)
                    .isLessThan(1.3);
        }
    }

    @Test
    void levelsShardsThatHoldWholeFilesWithPartsOfOthers() {
        List<Pieces> shares = PieceBalancer.share(
                List.of(indivisible("a.gz", 900), divisible("b", 500), indivisible("c.gz", 100), divisible("d", 500)),
                4);

        assertThat(shares.stream().mapToLong(PieceBalancerTest::bytes)).containsExactly(900L, 367L, 367L, 366L);
        assertThat(bytesOf(shares, "b")).isEqualTo(500);
        assertThat(bytesOf(shares, "d")).isEqualTo(500);
    }

    @Test
    void makesNoMoreShardsThanThereIsWorkFor() {
        assertThat(PieceBalancer.share(List.of(indivisible("a", 5)), 8)).hasSize(1);
        assertThat(PieceBalancer.share(List.of(divisible("a", 3)), 8)).hasSize(3);
        assertThat(PieceBalancer.share(List.of(divisible("empty", 0)), 8)).containsExactly(new Pieces(List.of()));
    }

    private static double largestToMean(List<Pieces> shares) {
        long[] bytes = shares.stream().mapToLong(PieceBalancerTest::bytes).toArray();
        return LongStream.of(bytes).max().orElseThrow()
                / LongStream.of(bytes).average().orElseThrow();
    }

    private static long bytes(Pieces pieces) {
        return pieces.pieces().stream().mapToLong(Piece::bytes).sum();
    }

    private static long bytesOf(List<Pieces> shares, String path) {
        return shares.stream()
                .flatMap(share -> share.pieces().stream())
                .filter(piece -> piece.path().equals(path))
                .mapToLong(Piece::bytes)
                .sum();
    }

    private static SplitCandidate divisible(String path, long size) {
        return new SplitCandidate(Piece.whole(new StoredFile(path, size, "1")), true);
    }

    private static SplitCandidate indivisible(String path, long size) {
        return new SplitCandidate(Piece.whole(new StoredFile(path, size, "1")), false);
    }
}
