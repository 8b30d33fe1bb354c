<!DOCTYPE html>
<html <?php language_attributes() ?>>
<head><meta charset="utf-8"><title><?php wp_title('·', true, 'right') ?><?php bloginfo('name') ?></title>
<?php wp_head() ?>
</head>
<body>
<nav><?php wp_list_categories(['title_li' => '']) ?></nav>
<?php while (have_posts()): the_post() ?>
<article><h1><?php the_title() ?></h1>
<?php the_content() ?>
<p><?php comments_number() ?></p>
<?php if (is_singular()) comments_template('/comments.php') ?>
</article>
<?php endwhile ?>
<p class="rendered"><?= sprintf('%.6f', microtime(true)) ?></p>
<?php wp_footer() ?>
</body>
</html>
