package io.embeddingoperator.runner.chunk;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.embed.TokenOffsets;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.Tokenizer;
import io.embeddingoperator.runner.testing.TestingTokenizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands in a text stands in its chunks, for any text and tokenizer. */
class ChunkCoverageTest {
    /** Each what a reader takes for one character, and none joins the next one. */
    private static final List<String> CHARACTERS = List.of(
            "a",
            "Z",
            "7",
            "ß",
            "e\u0302\u0301",
            "o\u031B\u0323",
            "世",
            "각",
            "\u1112\u1161\u11AB",
            "नि",
            "กำ",
            "\uD83D\uDE00",
            "\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67",
            "\uD83D\uDC4D\uD83C\uDFFD",
            "\uD83C\uDDF3\uD83C\uDDF1",
            "\u0001",
            ".",
            ". ",
            " ",
            " ",
            "\n",
            "\r\n",
            "\n\n");

    @Test
    void chunksOfAnyTextUnderAnyTokenizerAddUpToIt() {
        for (int seed = 0; seed < 3_000; seed++) {
            // given
            Random random = new Random(seed);
            List<String> characters = characters(random, random.nextInt(300));
            String text = String.join("", characters);
            Tokenizer tokenizer =
                    seed % 3 == 0 ? new TestingTokenizer(64) : new RandomTokenizer(seed, 8 + random.nextInt(40));
            int overlap = random.nextInt(4);
            Chunker chunker = new RecursiveChunker(tokenizer, 8 + random.nextInt(20), overlap);

            // when
            List<TokenizedText> chunks = chunker.chunk(text);

            // then
            boolean hasTokens = tokenizer.offsets(text).count() > 0;
            assertThat(chunks.isEmpty()).as("seed %d", seed).isNotEqualTo(hasTokens && !text.isBlank());
            int covered = 0;
            for (TokenizedText chunk : chunks) {
                assertThat(chunk.ids())
                        .isEqualTo(tokenizer.tokenize(chunk.text()).ids());
                assertThat(text.substring(covered, Math.max(covered, chunk.start())))
                        .as("lost in front of char %d, seed %d", chunk.start(), seed)
                        .isBlank();
                covered = chunk.end();
            }
            if (hasTokens) {
                assertThat(text.substring(covered))
                        .as("lost at the end, seed %d", seed)
                        .isBlank();
            }
        }
    }

    @Test
    void chunksEndBetweenWhatAReaderTakesForCharacters() {
        for (int seed = 0; seed < 1_000; seed++) {
            // given
            Random random = new Random(seed);
            List<String> characters = characters(random, 100 + random.nextInt(300));
            List<Integer> ends = new ArrayList<>(List.of(0));
            characters.forEach(character -> ends.add(ends.getLast() + character.length()));
            Tokenizer tokenizer = new TestingTokenizer(64);

            // when
            List<TokenizedText> chunks = new RecursiveChunker(tokenizer, 16, 3).chunk(String.join("", characters));

            // then
            for (TokenizedText chunk : chunks) {
                assertThat(chunk.truncated()).isFalse();
                assertThat(isBetween(chunk.end(), ends, characters))
                        .as("seed %d: %s", seed, chunk)
                        .isTrue();
                assertThat(isBetween(chunk.start(), ends, characters))
                        .as("seed %d: %s", seed, chunk)
                        .isTrue();
            }
        }
    }

    @Test
    void accentThatTheModelLeavesOutStaysWithItsLetter() {
        // given a tokenizer that sees letters alone, as those of BERT do
        String text = "Tie\u0302\u0301ng Vie\u0323\u0302t co\u0301 da\u0302\u0301u ".repeat(40);
        Tokenizer tokenizer = new LettersOnly(64);

        // when
        List<TokenizedText> chunks = new RecursiveChunker(tokenizer, 12, 0).chunk(text);

        // then
        assertThat(chunks).hasSizeGreaterThan(10);
        assertThat(chunks.stream()
                        .map(TokenizedText::text)
                        .collect(Collectors.joining())
                        .replace(" ", ""))
                .isEqualTo(text.replace(" ", ""));
    }

    @Test
    void characterThatIsLargerThanAChunkIsCutBetweenCodePoints() {
        // given one letter with a thousand accents, each of which is a token
        String text = "a" + "\u0301".repeat(1_000) + "b";

        // when
        List<TokenizedText> chunks = new RecursiveChunker(new TestingTokenizer(64), 64, 0).chunk(text);

        // then
        assertThat(chunks).allSatisfy(chunk -> assertThat(chunk.truncated()).isFalse());
        assertThat(chunks.stream().map(TokenizedText::text).collect(Collectors.joining()))
                .isEqualTo(text);
    }

    @Test
    void oneTokenBehindAPrefixThatSwallowsItIsAChunk() {
        // given a prefix whose last token joins the first one of the text
        Tokenizer tokenizer = new JoiningPrefix(new TestingTokenizer(64));
        String text = "a b c d e f g h i j k";

        // when
        List<TokenizedText> chunks = new RecursiveChunker(tokenizer, 12, 0).chunk(text);

        // then
        assertThat(chunks).extracting(TokenizedText::text).containsExactly("a b c d e f g h i j", "k");
        assertThat(new WholeDocument(tokenizer).chunk("k")).hasSize(1);
        assertThat(new WholeDocument(tokenizer).chunk("\u0001")).isEmpty();
    }

    @Test
    void textThatFitsIntoAChunkIsTokenizedOnce() {
        // given
        String text = "Documents flow from the source to the sink. ".repeat(10);
        CountingTokenizer tokenizer = new CountingTokenizer(new TestingTokenizer(256));

        // when
        List<TokenizedText> chunks = new RecursiveChunker(tokenizer, 256, 32).chunk(text);

        // then
        assertThat(chunks).extracting(TokenizedText::text).containsExactly(text);
        assertThat(tokenizer.chars).isEqualTo(text.length());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0123456789abcdef", "ACGT", "QUJDREVGR0g+/", "x\u0301", "\uD83D\uDE00\u200D", "ไทย", "각"})
    @Timeout(60)
    void costGrowsWithTheLengthAlone(String unit) {
        // given texts without white space, of which each word is one token however long it is
        String small = unit.repeat((1 << 18) / unit.length());
        String large = unit.repeat((1 << 21) / unit.length());
        CountingTokenizer tokenizer = new CountingTokenizer(new TestingTokenizer(256));
        Chunker chunker = new RecursiveChunker(tokenizer, 256, 32);

        // when
        chunker.chunk(small);
        long charsOfSmall = tokenizer.chars;
        long began = System.nanoTime();
        chunker.chunk(large);
        Duration took = Duration.ofNanos(System.nanoTime() - began);

        // then
        long charsOfLarge = tokenizer.chars - charsOfSmall;
        assertThat(charsOfSmall).isLessThan(8L * small.length());
        assertThat(charsOfLarge).isLessThan(8L * large.length());
        assertThat(took).isLessThan(Duration.ofSeconds(20));
    }

    private static boolean isBetween(int at, List<Integer> ends, List<String> characters) {
        int place = ends.indexOf(at);
        // White space is cut off the ends of chunks, also that of a full stop.
        return place >= 0
                || ends.contains(at + 1)
                        && characters.get(ends.indexOf(at + 1) - 1).equals(". ");
    }

    private static List<String> characters(Random random, int count) {
        return random.ints(count, 0, CHARACTERS.size())
                .mapToObj(CHARACTERS::get)
                .toList();
    }

    /** Cuts and leaves out code points by chance, but the same ones always the same way; some give several tokens. */
    private record RandomTokenizer(int seed, int maxTokens) implements Tokenizer {
        @Override
        public int overheadTokens() {
            return 2;
        }

        @Override
        public TokenizedText tokenize(String text) {
            int own = offsets(text).count();
            return new TokenizedText(text, new int[Math.min(maxTokens, own + 2)], own + 2 > maxTokens);
        }

        @Override
        public TokenOffsets offsets(String text) {
            List<int[]> tokens = new ArrayList<>();
            int open = -1;
            for (int at = 0; at < text.length(); ) {
                int point = text.codePointAt(at);
                int next = at + Character.charCount(point);
                int chance = Math.floorMod(new Random(31L * seed + point).nextInt(), 10);
                if (open >= 0 && (chance < 6 || Character.isWhitespace(point))) {
                    tokens.add(new int[] {open, at});
                    open = -1;
                }
                if (chance == 0 && !Character.isWhitespace(point)) {
                    tokens.add(new int[] {at, next});
                    tokens.add(new int[] {at, next});
                    tokens.add(new int[] {at, next});
                } else if (chance > 1 && open < 0 && !Character.isWhitespace(point)) {
                    open = at;
                }
                at = next;
            }
            if (open >= 0) {
                tokens.add(new int[] {open, text.length()});
            }
            return new TokenOffsets(
                    tokens.stream().mapToInt(token -> token[0]).toArray(),
                    tokens.stream().mapToInt(token -> token[1]).toArray());
        }
    }

    /** One token a letter; everything else is left out. */
    private record LettersOnly(int maxTokens) implements Tokenizer {
        @Override
        public int overheadTokens() {
            return 0;
        }

        @Override
        public TokenizedText tokenize(String text) {
            int own = offsets(text).count();
            return new TokenizedText(text, new int[Math.min(maxTokens, own)], own > maxTokens);
        }

        @Override
        public TokenOffsets offsets(String text) {
            int[] starts = text.chars().filter(Character::isLetter).map(_ -> 0).toArray();
            int[] ends = new int[starts.length];
            int token = 0;
            for (int at = 0; at < text.length(); at++) {
                if (Character.isLetter(text.charAt(at))) {
                    starts[token] = at;
                    ends[token++] = at + 1;
                }
            }
            return new TokenOffsets(starts, ends);
        }
    }

    /** As a prefix that ends with a space: alone it is one token more than in front of a text. */
    private record JoiningPrefix(Tokenizer plain) implements Tokenizer {
        @Override
        public int maxTokens() {
            return plain.maxTokens();
        }

        @Override
        public int overheadTokens() {
            return plain.overheadTokens();
        }

        @Override
        public TokenizedText tokenize(String text) {
            TokenizedText tokens = plain.tokenize(text);
            int joined = Math.max(overheadTokens(), tokens.length() - 1);
            return new TokenizedText(text, new int[joined], tokens.truncated());
        }

        @Override
        public TokenOffsets offsets(String text) {
            return plain.offsets(text);
        }
    }

    /** Counts what is tokenized. */
    private static final class CountingTokenizer implements Tokenizer {
        private final Tokenizer plain;
        private long chars;

        CountingTokenizer(Tokenizer plain) {
            this.plain = plain;
        }

        @Override
        public int maxTokens() {
            return plain.maxTokens();
        }

        @Override
        public int overheadTokens() {
            return plain.overheadTokens();
        }

        @Override
        public TokenizedText tokenize(String text) {
            chars += text.length();
            // As the tokenizers of models do: a million chars with too few tokens count as cut.
            TokenizedText tokens = plain.tokenize(text);
            return new TokenizedText(text, tokens.ids(), tokens.truncated() || text.length() > 1 << 20);
        }

        @Override
        public TokenOffsets offsets(String text) {
            chars += text.length();
            return plain.offsets(text);
        }
    }
}
