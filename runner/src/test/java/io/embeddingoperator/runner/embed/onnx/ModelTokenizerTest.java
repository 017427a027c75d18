package io.embeddingoperator.runner.embed.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.embed.TextHead;
import io.embeddingoperator.runner.embed.TokenOffsets;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.onnx.settings.Stated;
import io.embeddingoperator.runner.embed.onnx.settings.TextSettings;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelTokenizerTest {
    private static final TokenizerFile FILE =
            TokenizerFile.read(TestingModels.miniLm().tokenizer());
    private static final Path ARCHITECTURES = ReferenceVector.FOLDER.resolve("architectures");
    private static final int CLS = 101;
    private static final int SEP = 102;

    @Test
    void aTextStandsBetweenTheSpecialTokens() {
        TokenizedText text = tokenizer(256, "").tokenize("vector database");

        assertThat(text.ids()).containsExactly(CLS, 9207, 7809, SEP);
        assertThat(text.truncated()).isFalse();
        assertThat(tokenizer(256, "").overheadTokens()).isEqualTo(2);
    }

    @Test
    void aTextIsCutBeforeItsClosingTokenAndSaysSo() {
        TokenizedText fits = tokenizer(8, "").tokenize("a b c d e f");
        TokenizedText cut = tokenizer(8, "").tokenize("a b c d e f g");

        assertThat(fits.truncated()).isFalse();
        assertThat(fits.length()).isEqualTo(8);
        assertThat(cut.truncated()).isTrue();
        assertThat(cut.ids()).isEqualTo(fits.ids()).endsWith(SEP);
    }

    @Test
    void thePrefixIsAPartOfWhatTheModelSeesAndCountsAsOverhead() {
        ModelTokenizer plain = tokenizer(256, "");
        ModelTokenizer prefixed = tokenizer(256, "passage: ");

        assertThat(prefixed.tokenize("vector database").ids())
                .isEqualTo(plain.tokenize("passage: vector database").ids());
        assertThat(prefixed.tokenize("vector database").text()).isEqualTo("vector database");
        assertThat(prefixed.overheadTokens()).isEqualTo(4);
    }

    @Test
    void aPrefixThatLeavesNoRoomIsRefused() {
        assertThatThrownBy(() -> TestingModels.open(
                        TestingModels.spec(8, null, "what is asked for here is this: "), TestingModels.miniLm()))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("spec.embedder.onnx.maxTokens is 8: special tokens and prefix take 10 of 8 tokens, "
                        + "so no text fits; raise it or shorten spec.embedder.onnx.queryPrefix");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain words, and punctuation!",
                "emoji \uD83D\uDE80\uD83D\uDE80 before words \uD83D\uDC4D\uD83C\uDFFD after",
                "\u6F22\u5B57\u3068\u304B\u306A \uD842\uDFB7 mixed with words",
                "\u0645\u0631\u062D\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645 hello",
                "e\u0301a\u0308 combining, \u00FCml\u00E4ut and \uFB01ligature",
                "nul\u0000inside and a \u200Bzero width space",
            })
    void offsetsAreCharsOfTheText(String text) {
        ModelTokenizer tokenizer = tokenizer(256, "");
        TokenOffsets offsets = tokenizer.offsets(text);

        List<Integer> ids = new ArrayList<>();
        int reached = 0;
        for (int i = 0; i < offsets.count(); i++) {
            assertThat(offsets.starts()[i]).isGreaterThanOrEqualTo(reached);
            assertThat(offsets.ends()[i]).isBetween(offsets.starts()[i], text.length());
            reached = offsets.starts()[i];
            assertThat(Character.isLowSurrogate(text.charAt(offsets.starts()[i])))
                    .isFalse();
        }
        assertThat(offsets.ends()[offsets.count() - 1]).isEqualTo(text.length());
        for (int id : tokenizer.tokenize(text).ids()) {
            ids.add(id);
        }
        assertThat(offsets.count()).isEqualTo(ids.size() - tokenizer.overheadTokens());
    }

    @Test
    void wordsAfterAnEmojiAreFoundWhereTheyStand() {
        String text = "\uD83D\uDE80 rocket \uD83D\uDE80 launch";

        TokenOffsets offsets = tokenizer(256, "").offsets(text);

        List<String> words = new ArrayList<>();
        for (int i = 0; i < offsets.count(); i++) {
            words.add(text.substring(offsets.starts()[i], offsets.ends()[i]));
        }
        assertThat(words).containsExactly("\uD83D\uDE80", "rocket", "\uD83D\uDE80", "launch");
    }

    @Test
    void halfASurrogatePairCountsAsTheReplacementCharacter() {
        ModelTokenizer tokenizer = tokenizer(256, "");

        assertThat(tokenizer.tokenize("broken \uD83D text").ids())
                .isEqualTo(tokenizer.tokenize("broken \uFFFD text").ids());
        assertThat(tokenizer.offsets("broken \uD83D text").ends()).endsWith(13);
    }

    @Test
    void aLongTextGivesTheIdsOfItsBeginningWithoutBeingReadWhole() {
        ModelTokenizer small = tokenizer(32, "");
        String text = "Readers of long documents, unlike writers, are patient; so is the model. ".repeat(40);
        int[] all = FILE.tokenizer().ids(text);

        TokenizedText cut = small.tokenize(text);

        assertThat(text.length()).isGreaterThan(new TextHead(32).first(text));
        assertThat(cut.truncated()).isTrue();
        assertThat(cut.ids()).hasSize(32).endsWith(SEP);
        for (int i = 0; i < 31; i++) {
            assertThat(cut.ids()[i]).isEqualTo(all[i]);
        }
    }

    @Test
    void aLongTextOfFewTokensIsReadUntilThereAreEnough() {
        String text = " ".repeat(30_000) + "a b c d e f g h i j k l";

        TokenizedText tokenized = tokenizer(32, "").tokenize(text);

        assertThat(tokenized.truncated()).isFalse();
        assertThat(tokenized.length()).isEqualTo(14);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", " ", "word ", "\u6F22", "\uD83D\uDE80"})
    void sixteenMebibytesOfTextAreTokenizedWithinBounds(String unit) {
        String text = unit.repeat(16 * 1024 * 1024 / unit.length());

        TokenizedText tokenized = tokenizer(256, "").tokenize(text);

        assertThat(tokenized.truncated()).isTrue();
        assertThat(tokenized.length()).isLessThanOrEqualTo(256);
        assertThat(tokenized.text()).isSameAs(text);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(textBlock = """
            bge,            한국어문서는영어모델에서모두같아보인다, true
            bge,            the page เอกสารภาษาไทยไม่มีช่องว่าง, false
            bge,            เอกสารภาษาไทยไม่มีช่องว่าง page ภาษาไทย, true
            bge,            the page and the row, false
            xlm-roberta,    한국어문서는영어모델에서모두같아보인다, true
            xlm-roberta,    the page and the row, false
            roberta,        한국어문서는영어모델에서모두같아보인다, false
            clip-text,      한국어문서는영어모델에서모두같아보인다, false
            e5-mistral,     한국어문서는영어모델에서모두같아보인다, false
            """)
    void aTextThatIsMostlyUnknownToTheModelIsTold(String architecture, String text, boolean unknown) {
        TokenizerFile file =
                TokenizerFile.read(ARCHITECTURES.resolve(architecture).resolve("tokenizer.json"));

        for (String prefix : List.of("", "一二三 ", "the page: ")) {
            assertThat(tokenizer(file, 64, prefix).tokenize(text).mostlyUnknown())
                    .as("with the prefix \"%s\"", prefix)
                    .isEqualTo(unknown);
        }
    }

    @Test
    void aTextThatIsCutIsJudgedByWhatTheModelSees() {
        TokenizerFile file = TokenizerFile.read(ARCHITECTURES.resolve("bge/tokenizer.json"));
        String text = "한국어 문서는 영어 모델에서 모두 같아 보인다 " + "and the page ".repeat(40);

        assertThat(tokenizer(file, 8, "").tokenize(text).mostlyUnknown()).isTrue();
        assertThat(tokenizer(file, 64, "").tokenize(text).mostlyUnknown()).isFalse();
    }

    private static ModelTokenizer tokenizer(int maxTokens, String prefix) {
        return tokenizer(FILE, maxTokens, prefix);
    }

    private static ModelTokenizer tokenizer(TokenizerFile file, int maxTokens, String prefix) {
        return new ModelTokenizer(
                file,
                new TextSettings(
                        new Stated<>(maxTokens, "a test"),
                        false,
                        new Stated<>(maxTokens, "a test"),
                        new Stated<>(prefix, "a test"),
                        new Stated<>("", "a test"),
                        false,
                        Optional.empty(),
                        Optional.empty()),
                prefix);
    }
}
