package io.embeddingoperator.runner.chunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.Tokenizer;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.testing.TestingTokenizer;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecursiveChunkerTest {
    private static final Tokenizer TOKENIZER = new TestingTokenizer(64);

    @Test
    void keepsAShortTextWhole() {
        // given
        String text = "  One sentence.\n\nAnother one. ";

        // when
        List<TokenizedText> chunks = new RecursiveChunker(TOKENIZER, 16, 0).chunk(text);

        // then
        assertThat(chunks).singleElement().satisfies(chunk -> {
            assertThat(chunk.text()).isEqualTo(text);
            assertThat(chunk.start()).isZero();
            assertThat(chunk.end()).isEqualTo(text.length());
        });
    }

    @Test
    void prefersTheStrongestBoundaryThatLeavesAChunkHalfFull() {
        // given ten content tokens a chunk
        RecursiveChunker chunker = new RecursiveChunker(TOKENIZER, 12, 0);

        // when
        List<String> paragraphs = contents(chunker.chunk("a b c d e f\n\ng h i j k l m n\n\no p"));
        List<String> lines = contents(chunker.chunk("a b c. d e f g\nh i. j k l m n o"));
        List<String> sentences = contents(chunker.chunk("A b c d. E f g h i j. K l m n o p."));
        List<String> words = contents(chunker.chunk("a b c d e f g h i j k l"));

        // then
        assertThat(paragraphs).containsExactly("a b c d e f", "g h i j k l m n\n\no p");
        assertThat(lines).containsExactly("a b c. d e f g", "h i. j k l m n o");
        assertThat(sentences).containsExactly("A b c d.", "E f g h i j.", "K l m n o p.");
        assertThat(words).containsExactly("a b c d e f g h i j", "k l");
    }

    @Test
    void doesNotCutBehindAShortHeading() {
        // given
        RecursiveChunker chunker = new RecursiveChunker(TOKENIZER, 12, 0);

        // when
        List<String> chunks = contents(chunker.chunk("Heading\n\na b c d e f g h i j k l m"));

        // then
        assertThat(chunks).containsExactly("Heading\n\na b c d e f g h i", "j k l m");
    }

    @Test
    void repeatsTheOverlapFromAWordOn() {
        // given
        RecursiveChunker chunker = new RecursiveChunker(TOKENIZER, 12, 3);

        // when
        List<String> chunks = contents(chunker.chunk("a b c d e f g h i j k l m n o"));

        // then
        assertThat(chunks).containsExactly("a b c d e f g h i j", "h i j k l m n o");
    }

    @ParameterizedTest
    @CsvSource({"8, 0", "12, 4", "16, 8", "64, 20", "64, 0"})
    void coversEveryTokenWithinTheLimit(int maxTokens, int overlap) {
        // given
        RecursiveChunker chunker = new RecursiveChunker(TOKENIZER, maxTokens, overlap);
        for (int seed = 0; seed < 200; seed++) {
            String text = randomText(seed);

            // when
            List<TokenizedText> chunks = chunker.chunk(text);

            // then
            int covered = 0;
            int previousStart = -1;
            for (TokenizedText chunk : chunks) {
                assertThat(chunk.length()).isLessThanOrEqualTo(maxTokens);
                assertThat(chunk.truncated()).isFalse();
                assertThat(chunk.ids())
                        .isEqualTo(TOKENIZER.tokenize(chunk.text()).ids());
                assertThat(chunk.start()).isGreaterThan(previousStart);
                assertThat(TOKENIZER
                                .offsets(text.substring(covered, Math.max(covered, chunk.start())))
                                .count())
                        .isZero();
                assertThat(chunk.end()).isGreaterThan(covered);
                covered = chunk.end();
                previousStart = chunk.start();
            }
            assertThat(TOKENIZER.offsets(text.substring(covered)).count()).isZero();
        }
    }

    @Test
    void cutsATextThatGoesToTheTokenizerInPieces() {
        // given more than one piece of 64 Ki chars, with pairs of surrogates and no white space
        String text = "\uD83D\uDE00".repeat(100_000);
        RecursiveChunker chunker = new RecursiveChunker(TOKENIZER, 64, 0);

        // when
        List<TokenizedText> chunks = chunker.chunk(text);

        // then
        assertThat(chunks.stream().map(TokenizedText::text).collect(Collectors.joining()))
                .isEqualTo(text);
    }

    @Test
    void findsNothingInATextWithoutTokens() {
        assertThat(new RecursiveChunker(TOKENIZER, 12, 0).chunk(" \u0001\u200B "))
                .isEmpty();
        assertThat(new WholeDocument(TOKENIZER).chunk(" \u0001\u200B ")).isEmpty();
    }

    @Test
    void refusesLimitsThatLeaveNoRoomForText() {
        assertThatThrownBy(() -> new RecursiveChunker(TOKENIZER, 8, 6))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(
                        "spec.chunking: of maxTokens (8) the model's special tokens and the prefix take 2, which leaves"
                                + " 6 for text, not more than overlapTokens (6): raise maxTokens or lower overlapTokens");
    }

    @Test
    void cutsAWholeDocumentAtTheModelsLimitAndSaysSo() {
        // given
        String text = "word ".repeat(100);

        // when
        List<TokenizedText> chunks = new WholeDocument(TOKENIZER).chunk(text);

        // then
        assertThat(chunks).singleElement().satisfies(chunk -> {
            assertThat(chunk.truncated()).isTrue();
            assertThat(chunk.length()).isEqualTo(64);
            assertThat(chunk.text()).isEqualTo(text);
        });
    }

    private static List<String> contents(List<TokenizedText> chunks) {
        return chunks.stream().map(TokenizedText::text).toList();
    }

    private static String randomText(int seed) {
        Random random = new Random(seed);
        String[] gaps = {" ", " ", " ", " ", ". ", ", ", "\n", "\r\n", "\n\n", "\t", ""};
        StringBuilder text = new StringBuilder();
        int words = random.nextInt(300);
        for (int i = 0; i < words; i++) {
            text.append(Integer.toString(random.nextInt(1_000_000), 36)).append(gaps[random.nextInt(gaps.length)]);
        }
        return text.toString();
    }
}
