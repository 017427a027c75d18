package io.embeddingoperator.runner.embed.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import io.embeddingoperator.api.v1alpha1.ChunkingSpec;
import io.embeddingoperator.api.v1alpha1.ChunkingStrategy;
import io.embeddingoperator.runner.chunk.Chunker;
import io.embeddingoperator.runner.embed.TokenOffsets;
import io.embeddingoperator.runner.embed.TokenizedText;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OpenAiTokenizerTest {
    private static final String MODEL = "text-embedding-3-small";
    private static final Encoding CL100K = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.CL100K_BASE);

    static Stream<String> texts() {
        return Stream.of(
                "Vectors land in pgvector exactly once.",
                "  leading, trailing and     inner   space  ",
                "lines\nand\r\n\r\nparagraphs\n\n\n\nof text\t\twith tabs",
                "emoji 🚀🚀 family 👩‍👩‍👧‍👦 flag 🇩🇪 skin 👍🏽",
                "漢字とかな 混じり文、𠮷野家で。한국어 ภาษาไทย",
                "مرحبا بالعالم שלום עולם",
                "nul\u0000 bell\u0007 escape\u001b and \u200bzero width\u2028 separator\u00a0nbsp\u3000wide",
                "é combining e\u0301 a\u0308, ligature ﬁ",
                "<|endoftext|> is text here, as is <|fim_prefix|>",
                "supercalifragilisticexpialidocious".repeat(5));
    }

    @ParameterizedTest
    @MethodSource("texts")
    void countsWhatIsSentAsTheServerDoes(String text) {
        OpenAiTokenizer tokenizer = OpenAiTokenizer.of(MODEL, 8191, "passage: ");

        TokenizedText tokenized = tokenizer.tokenize(text);

        assertThat(tokenizer.sent(tokenized)).isEqualTo("passage: " + text);
        assertThat(tokenized.length()).isEqualTo(CL100K.countTokensOrdinary("passage: " + text));
        assertThat(tokenized.truncated()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("texts")
    void cutsBetweenCharactersWhereverTheLimitFalls(String text) {
        int all = CL100K.countTokensOrdinary(text);
        for (int limit = 1; limit < all; limit++) {
            OpenAiTokenizer tokenizer = OpenAiTokenizer.of(MODEL, 8191, "").limitedTo(limit);

            TokenizedText cut = tokenizer.tokenize(text);
            String sent = tokenizer.sent(cut);

            assertThat(cut.truncated()).isTrue();
            assertThat(text).startsWith(sent);
            assertThat(sent).doesNotContain("\uFFFD");
            assertThat(cut.length()).isLessThanOrEqualTo(limit).isEqualTo(CL100K.countTokensOrdinary(sent));
        }
    }

    @ParameterizedTest
    @MethodSource("texts")
    void tokensStandInTheTextInOrder(String text) {
        TokenOffsets offsets = OpenAiTokenizer.of(MODEL, 8191, "").offsets(text);

        assertThat(offsets.count()).isEqualTo(CL100K.countTokensOrdinary(text));
        StringBuilder covered = new StringBuilder();
        int reached = 0;
        for (int i = 0; i < offsets.count(); i++) {
            assertThat(offsets.starts()[i]).isGreaterThanOrEqualTo(reached);
            assertThat(offsets.ends()[i]).isBetween(offsets.starts()[i], text.length());
            covered.append(text, offsets.starts()[i], offsets.ends()[i]);
            reached = offsets.ends()[i];
        }
        assertThat(withoutWhiteSpace(covered.toString())).isEqualTo(withoutWhiteSpace(text));
    }

    @Test
    void paragraphsEndBetweenTokens() {
        String text = "First paragraph.\n\nSecond one.";

        TokenOffsets offsets = OpenAiTokenizer.of(MODEL, 8191, "").offsets(text);

        List<String> words = new ArrayList<>();
        for (int i = 0; i < offsets.count(); i++) {
            words.add(text.substring(offsets.starts()[i], offsets.ends()[i]));
        }
        assertThat(words).containsExactly("First", "paragraph", ".", "Second", "one", ".");
    }

    @Test
    void chunksEndAtParagraphsAndHoldTheWholeText() {
        String paragraph = "Documents flow from the source to the sink. Nothing is lost, and nothing doubled. 🚀";
        String text = String.join("\n\n", List.of(paragraph, paragraph, paragraph, paragraph));

        List<TokenizedText> chunks = chunks(text, 25);

        assertThat(chunks).extracting(TokenizedText::text).containsExactly(paragraph, paragraph, paragraph, paragraph);
    }

    @Test
    void charactersOfSeveralTokensAreNeverDivided() {
        String text = "𠮷🚀👩‍👧漢".repeat(50);

        List<TokenizedText> chunks = chunks(text, 8);

        StringBuilder whole = new StringBuilder();
        for (TokenizedText chunk : chunks) {
            assertThat(chunk.length()).isLessThanOrEqualTo(8);
            assertThat(chunk.truncated()).isFalse();
            whole.append(chunk.text());
        }
        assertThat(whole).hasToString(text);
    }

    @Test
    void anEncodingIsReadOnce() {
        assertThat(OpenAiTokenizer.of(MODEL, 8191, "passage: ")
                        .sharesEncodingWith(OpenAiTokenizer.of(MODEL, 512, "query: ")))
                .isTrue();
    }

    @Test
    void whiteSpaceAloneIsNothing() {
        OpenAiTokenizer tokenizer = OpenAiTokenizer.of(MODEL, 8191, "");

        assertThat(tokenizer.tokenize(" \n\t ").length()).isEqualTo(tokenizer.overheadTokens());
        assertThat(chunks(" \n".repeat(500), 8)).isEmpty();
        assertThat(chunks("begin" + "\n \t".repeat(500) + "end", 8))
                .extracting(TokenizedText::text)
                .containsExactly("begin", "end");
    }

    @Test
    void halfASurrogatePairIsSentAsTheReplacementCharacter() {
        OpenAiTokenizer tokenizer = OpenAiTokenizer.of(MODEL, 8191, "");

        assertThat(tokenizer.sent(tokenizer.tokenize("broken \uD83D text"))).isEqualTo("broken \uFFFD text");
    }

    @Test
    void aLongTextIsNotEncodedWhole() {
        OpenAiTokenizer tokenizer = OpenAiTokenizer.of(MODEL, 256, "");
        for (String unit : List.of("x", " ", "word ", "漢", "🚀")) {
            String text = "begin" + unit.repeat(8 * 1024 * 1024 / unit.length());

            TokenizedText cut = tokenizer.tokenize(text);

            assertThat(cut.truncated()).isTrue();
            assertThat(cut.length()).isLessThanOrEqualTo(256);
            assertThat(text).startsWith(tokenizer.sent(cut));
        }
    }

    @Test
    void aPrefixThatLeavesNoRoomIsRefused() {
        assertThatThrownBy(() -> OpenAiTokenizer.of(MODEL, 8, "what is asked for here is this: "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the prefix takes 9 of 8 tokens, so no text fits");
    }

    private static String withoutWhiteSpace(String text) {
        return text.codePoints()
                .filter(point -> !Character.isWhitespace(point))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static List<TokenizedText> chunks(String text, int maxTokens) {
        return Chunker.of(
                        new ChunkingSpec(ChunkingStrategy.Recursive, maxTokens, 0), OpenAiTokenizer.of(MODEL, 8191, ""))
                .chunk(text);
    }
}
