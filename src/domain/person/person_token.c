/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* person_token.c - makes the search tokens of a person's answers. */
#include "domain/person/person_token.h"

#include "core/value.h"

enum { PAIR_WORDS = 4 };

void token_add(struct token_list *list, char class, struct str text)
{
    if (!text.size)
        return;
    for (size_t i = 0; i < list->count; i++)
        if (list->token[i].class == class &&
            str_equal(list->token[i].text, text))
            return;
    if (list->count == list->capacity) {
        size_t more = list->capacity ? list->capacity * 2 : 32;
        struct search_token *token = arena_grow(
            list->arena, list->token, list->capacity * sizeof *list->token,
            more * sizeof *list->token);

        if (!token)
            return;
        list->token = token;
        list->capacity = more;
    }
    list->token[list->count++] =
        (struct search_token){.class = class, .text = text};
}

void token_add_pair(struct token_list *list, const char *a, const char *b)
{
    if (!a[0] || !b[0])
        return;
    if (strcmp(a, b) > 0) {
        const char *swap = a;

        a = b;
        b = swap;
    }
    token_add(list, 'q', str_format(list->arena, "%s %s", a, b));
}

struct str phone_digits(struct arena *arena, struct str phone)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < phone.size; i++)
        if (phone.at[i] >= '0' && phone.at[i] <= '9')
            buf_putc(&out, phone.at[i]);
    return out.size < 4 ? STR_NULL : buf_str(&out);
}

struct str code_plain(struct arena *arena, struct str code)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < code.size; i++) {
        char c = code.at[i];

        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'))
            buf_putc(&out, c);
    }
    return buf_str(&out);
}

bool birth_is_year_only(struct str birth_date)
{
    return birth_date.size < 10 ||
           str_equal_c(str_slice(birth_date, 4, 10), "-01-01") ||
           str_equal_c(str_slice(birth_date, 4, 10), "-07-01");
}

size_t person_words(const struct name_rules *rules, struct arena *arena,
                    const struct value *answers,
                    struct name_word word[NAME_WORDS_MAX])
{
    static const struct {
        const char *field;
        enum name_role role;
    } part[] = {{"given_names", NAME_GIVEN},
                {"first_surname", NAME_FIRST},
                {"second_surname", NAME_SECOND},
                {"alias", NAME_ALIAS}};
    size_t count = 0;

    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++)
        count += name_words(rules, arena, value_text_of(answers, part[i].field),
                            part[i].role, word + count, NAME_WORDS_MAX - count);
    return count;
}

size_t word_keys(const struct name_rules *rules, struct arena *arena,
                 const struct name_word *word, struct str key[WORD_KEYS_MAX])
{
    struct str leader[4];
    size_t classes = name_classes(rules, word->text, leader), count = 0;

    for (size_t i = 0; i < word->sound.count; i++)
        key[count++] = str_copy(arena, str_of(word->sound.key[i]));
    for (size_t i = 0; i < classes && count < WORD_KEYS_MAX; i++) {
        struct phonetic sound;

        if (str_equal(leader[i], word->text))
            continue;
        phonetic_of(arena, leader[i], &sound);
        if (sound.count)
            key[count++] = str_copy(arena, str_of(sound.key[0]));
    }
    return count;
}

static void add_word(struct token_list *list, const struct name_rules *rules,
                     const struct name_word *word)
{
    struct str leader[4];
    size_t classes = name_classes(rules, word->text, leader);

    token_add(list, 'n', word->text);
    for (size_t i = 0; i < word->sound.count; i++)
        token_add(list, 'p', str_copy(list->arena, str_of(word->sound.key[i])));
    for (size_t i = 0; i < classes; i++)
        if (!str_equal(leader[i], word->text)) /* who asks for Francisco asks
                                                  for @francisco too */
            token_add(list, 'p', str_join(list->arena, STR("@"), leader[i]));
    if (word->joined.size) {
        struct phonetic sound;

        token_add(list, 'n', word->joined);
        phonetic_of(list->arena, word->joined, &sound);
        if (sound.count)
            token_add(list, 'p', str_copy(list->arena, str_of(sound.key[0])));
    }
}

/* The plain sound of each, and of the names that a nickname stands for. */
static void add_pair(struct token_list *list, const struct name_rules *rules,
                     const struct name_word *a, const struct name_word *b)
{
    struct str one[WORD_KEYS_MAX], two[WORD_KEYS_MAX];
    size_t ones = word_keys(rules, list->arena, a, one);
    size_t twos = word_keys(rules, list->arena, b, two);

    for (size_t i = 0; i < ones; i++)
        for (size_t j = 0; j < twos; j++)
            if ((i == 0 || i >= a->sound.count) &&
                (j == 0 || j >= b->sound.count))
                token_add_pair(list, one[i].at, two[j].at);
}

/* A given name with a surname, and the two surnames. */
static void add_pairs(struct token_list *list, const struct name_rules *rules,
                      const struct name_word *word, size_t count)
{
    size_t used = count < PAIR_WORDS ? count : PAIR_WORDS;

    for (size_t i = 0; i < used; i++)
        for (size_t j = i + 1; j < used; j++)
            if (word[j].role != NAME_ALIAS &&
                (word[j].role != NAME_GIVEN || used == 2))
                add_pair(list, rules, &word[i], &word[j]);
}

static void add_phone(struct token_list *list, struct str phone)
{
    static const size_t tail[] = {10, 8, 4};
    struct str digits = phone_digits(list->arena, phone);

    token_add(list, 't', digits);
    for (size_t i = 0; i < 3; i++)
        if (digits.size > tail[i])
            token_add(list, 't',
                      str_slice(digits, digits.size - tail[i], digits.size));
}

/* Numbers of documents are found as codes are. */
static void add_documents(struct token_list *list,
                          const struct value *documents)
{
    for (size_t i = 0; i < value_count(documents); i++) {
        struct str number = code_plain(
            list->arena, value_text_of(value_at(documents, i), "doc_number"));

        if (number.size >= DOCUMENT_LEAST)
            token_add(list, 'c', number);
    }
}

static void add_birth(struct token_list *list, struct str birth,
                      const struct name_word *word, size_t count)
{
    if (birth.size < 4)
        return;
    if (birth.size == 10)
        token_add(list, 'd', birth);
    if (count && word[0].role == NAME_GIVEN && word[0].sound.count)
        token_add(
            list, 'q',
            str_format(list->arena, "%s %.4s", word[0].sound.key[0], birth.at));
}

size_t person_tokens(void *context, struct arena *arena,
                     const struct value *answers, struct search_token **token)
{
    static const char *const phone[] = {"phone", "whatsapp"};
    static const char *const code[] = {"case_code", "bracelet", "external_id"};
    const struct name_rules *rules = context;
    struct token_list list = {.arena = arena};
    struct name_word word[NAME_WORDS_MAX];
    size_t count = person_words(rules, arena, answers, word);

    for (size_t i = 0; i < count; i++)
        add_word(&list, rules, &word[i]);
    add_pairs(&list, rules, word, count);
    for (size_t i = 0; i < 2; i++)
        add_phone(&list, value_text_of(answers, phone[i]));
    for (size_t i = 0; i < 3; i++)
        token_add(&list, 'c',
                  code_plain(arena, value_text_of(answers, code[i])));
    add_documents(&list, value_get(answers, "documents"));
    add_birth(&list, value_text_of(answers, "birth_date"), word, count);
    *token = list.token;
    return list.count;
}
