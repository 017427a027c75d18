package io.embeddingoperator.runner.source.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.StoredFile;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PieceListTest {
    private static final List<String> NAMES = List.of("in/ü", "in/é", "in/💡", "in/💢", "in/a", "", "in/a b+%41");
    private static final List<String> VERSIONS =
            List.of("", "1", "0a1b", "0A1B", "d41d8cd98f00b204e9800998ecf8427e-12", "é");

    @Test
    void holdsPiecesOfAnyKind() {
        // given
        Random random = new Random(4);
        List<Piece> pieces = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            long size = random.nextLong(1L << random.nextInt(1, 60));
            long from = random.nextBoolean() ? 0 : random.nextLong(size + 1);
            pieces.add(new Piece(
                    NAMES.get(random.nextInt(NAMES.size())) + random.nextInt(3),
                    size,
                    VERSIONS.get(random.nextInt(VERSIONS.size())),
                    from,
                    random.nextBoolean() ? size : from + random.nextLong(size - from + 1)));
        }

        // when
        PieceList list = PieceList.of(pieces);

        // then in order, in any order, and out of the sink
        assertThat(list).containsExactlyElementsOf(pieces);
        for (int i = 0; i < 1_000; i++) {
            int index = random.nextInt(pieces.size());
            assertThat(list.get(index)).isEqualTo(pieces.get(index));
        }
        assertThat(Pieces.of(new Pieces(pieces).toRange(0)).pieces()).containsExactlyElementsOf(pieces);
        assertThat(Pieces.of(new Pieces(List.of()).toRange(0)).pieces()).isEmpty();
    }

    @Test
    void takesFewBytesOfAnObjectOfS3() {
        // given keys of 63 characters and tags as stores give them
        Random random = new Random(5);
        List<Piece> pieces = new ArrayList<>();
        byte[] tag = new byte[16];
        for (int i = 0; i < 100_000; i++) {
            random.nextBytes(tag);
            String key = "articles/2026/11/%02d/part-%08d-%016x.ndjson".formatted(i / 10_000, i, random.nextLong());
            pieces.add(Piece.whole(
                    new StoredFile(key, random.nextInt(1 << 20), HexFormat.of().formatHex(tag))));
        }

        // when
        PieceList list = PieceList.of(pieces);
        ShardRange range = new Pieces(list).toRange(0);

        // then
        assertThat(list.blocks().stream().mapToLong(block -> block.length).sum() / pieces.size())
                .isLessThan(60);
        assertThat(range.definition().length() / pieces.size()).isLessThan(60);
        assertThat(range.work())
                .isEqualTo(pieces.stream().mapToLong(Piece::bytes).sum());
    }

    @Test
    void readsThePlanOfAnEarlierRelease() {
        ShardRange range = new ShardRange(3, """
                {"pieces":[{"path":"in/a.ndjson","size":10,"version":"v1","from":0,"to":7},\
                {"path":"in/b.gz","size":5,"version":"v2","from":0,"to":5}]}""", 12);

        assertThat(Pieces.of(range).pieces())
                .containsExactly(new Piece("in/a.ndjson", 10, "v1", 0, 7), new Piece("in/b.gz", 5, "v2", 0, 5));
    }
}
